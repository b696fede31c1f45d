import { fastApp } from '@localapp/core'
import { assistant, ollama } from '@localapp/llm'

const app = await fastApp({
  title: 'Home',
  plugins: ['./plugins', assistant({ model: ollama() })],
})
await app.run()
