/** A module as people write them for notebooks: a button that counts, and tells when it begins and ends. */
export default {
  initialize({ model }) {
    document.body.dataset.begun = `${Number(document.body.dataset.begun ?? 0) + 1}`
    model.on('change', () => {
      document.body.dataset.changes = `${Number(document.body.dataset.changes ?? 0) + 1}`
    })
    return () => {
      document.body.dataset.ended = 'yes'
    }
  },
  render({ model, el, signal }) {
    const button = document.createElement('button')
    const show = () => {
      button.textContent = `count is ${model.get('count')}`
    }
    button.addEventListener('click', () => {
      model.set('count', model.get('count') + 1)
      model.set('scratch', 'of this tab alone')
      model.save_changes()
    })
    model.on('change:count', show)
    show()
    el.append(button)
    signal.addEventListener('abort', () => {
      document.body.dataset.aborted = 'yes'
    })
    return () => {
      model.off('change:count', show)
      document.body.dataset.cleaned = `${Number(document.body.dataset.cleaned ?? 0) + 1}`
    }
  },
}
