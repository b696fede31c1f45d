// Stands in the header, so that the theme is there before what follows is shown.
{
  const { style } = document.documentElement
  style.colorScheme = localStorage.theme ?? ''
  document.addEventListener('click', ({ target }) => {
    if (!target.closest('[data-theme-button]')) return
    const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
    localStorage.theme = (localStorage.theme ?? system) === 'dark' ? 'light' : 'dark'
    style.colorScheme = localStorage.theme
  })
  document.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'k') return
    event.preventDefault()
    document.getElementById('search').focus()
  })
}
