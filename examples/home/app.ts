import { admin } from '@localapp/admin'
import { fastApp } from '@localapp/core'
import { assistant, ollama } from '@localapp/llm'

const app = await fastApp({
  title: 'Home',
  plugins: ['./plugins', admin(), assistant({ model: ollama() })],
})
await app.run()
