import { admin } from '@localapp/admin'
import { fastApp } from '@localapp/core'
import { assistant } from '@localapp/llm'

const app = await fastApp({ title: 'My title', plugins: ['./plugins', admin(), assistant()] })
await app.run()
