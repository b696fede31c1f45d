// An app to try the plugin in: `npm start`. It is not published.
import { admin } from '@localapp/admin'
import { fastApp } from '@localapp/core'
import { assistant } from '@localapp/llm'

const app = await fastApp({ title: 'My title', plugins: ['./src/index.ts', admin(), assistant()] })
await app.run()
