export default {
  render() {
    throw new Error('there is no canvas here')
  },
}
