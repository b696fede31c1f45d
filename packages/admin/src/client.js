// Stands in the header, so that the theme is there before what follows is shown.
{
  const { style } = document.documentElement
  style.colorScheme = localStorage.theme ?? ''
  document.getElementById('theme').onclick = () => {
    const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
    style.colorScheme = (style.colorScheme || system) === 'dark' ? 'light' : 'dark'
    localStorage.theme = style.colorScheme
  }
}
