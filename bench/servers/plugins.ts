/** An app whose plugins are the files of a folder. */
import { argv } from 'node:process'
import { fastApp } from '@localapp/core'

const [, , folder = '', data = ''] = argv
const app = await fastApp({ plugins: [folder], data, port: 0 })
console.log((await app.serve()).url)
