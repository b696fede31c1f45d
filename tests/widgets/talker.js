/** A module that sends a message and shows the answer, and one that tries what is not to be had. */
export default {
  render({ model, el, host, experimental }) {
    const output = document.createElement('output')
    const add = (name, work) => {
      const button = document.createElement('button')
      button.textContent = name
      button.addEventListener('click', work)
      el.append(button)
    }
    model.on('msg:custom', (content, buffers) => {
      output.textContent = `${content.sum} and ${buffers.length} buffers`
    })
    add('ask', () => model.send({ add: [1, 2, 3] }))
    add('send bytes', () => model.send({}, {}, [new Uint8Array([1])]))
    add('set bytes', () => {
      model.set('picture', new DataView(new ArrayBuffer(4)))
      model.save_changes()
    })
    add('reach', async () => {
      const tries = [() => host.getWidget('other'), () => experimental.invoke('x'), () => host.getModel('y')]
      const found = await Promise.allSettled(tries.map((each) => each()))
      output.textContent = found.map(({ reason }) => reason?.message).join(' ')
    })
    el.append(output)
  },
}
