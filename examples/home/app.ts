import { admin } from '@localapp/admin'
import { fastApp } from '@localapp/core'
import { docs } from '@localapp/docs'
import { inspector } from '@localapp/inspector'
import { assistant, ollama } from '@localapp/llm'
import { mcp } from '@localapp/mcp'
import { notebook } from '@localapp/notebook'
import { transfer } from '@localapp/transfer'
import { triggers } from '@localapp/triggers'

const app = await fastApp({
  title: 'Home',
  plugins: [
    './plugins',
    admin(),
    assistant({ model: ollama() }),
    inspector(),
    mcp(),
    transfer(),
    triggers(),
    notebook(),
    docs(),
  ],
})
await app.run()
