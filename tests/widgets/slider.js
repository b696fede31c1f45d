/** A slider that saves with every movement, as an eager module does; its default export is a function. */
export default async () => ({
  render({ model, el }) {
    const slider = Object.assign(document.createElement('input'), { type: 'range', max: '100' })
    slider.setAttribute('aria-label', 'Level')
    const show = () => {
      slider.value = String(model.get('level'))
    }
    slider.addEventListener('input', () => {
      model.set('level', slider.valueAsNumber)
      model.save_changes()
    })
    model.on('change:level', show)
    show()
    el.append(slider)
  },
})
