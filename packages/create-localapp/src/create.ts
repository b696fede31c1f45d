import { basename, relative, resolve } from 'node:path'
import { parseArgs, styleText } from 'node:util'
import { findManager, inWordsOf, type Manager, usableManager } from './manager.ts'
import { expectPluginName, type Names, namesFrom } from './name.ts'
import {
  expectFree,
  initGit,
  isNewEnough,
  ownNode,
  type Project,
  type Template,
  templates,
  writeProject,
} from './project.ts'
import { openAsker } from './question.ts'
import { Refusal } from './refusal.ts'

const { cwd, env, stdin, stdout, versions } = process

const help = `npm create localapp [name] -- [options]

Writes a new app of localapp, or a plugin for one, into a folder called after its name; “.” is this folder.

  --template, -t  ${Object.keys(templates).join(' | ')}
  --model, -m     a model of Ollama's, such as qwen3:4b; “none” leaves the assistant out;
                  without it the app takes the first model that can use tools
  --yes, -y       asks nothing
  --help, -h      prints this

npm wants “--” before the options; pnpm, yarn and bun do not.`

/** What the user has said so far. */
interface Wishes {
  name?: string | undefined
  template?: string | undefined
  model?: string | undefined
}

/** Reads the command line, asks for what it leaves open where there is someone to ask, and writes the project. */
export async function createLocalapp(argv: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(argv)
  if (values.help) return say(help)
  const [name, surplus] = positionals
  if (surplus !== undefined) throw new Refusal(`“${surplus}” is one argument too many. ${seeHelp}`)
  const given: Wishes = { name, template: values.template, model: values.model }
  if (given.template !== undefined) templateFrom(given.template)
  if (given.name !== undefined) placeFrom(given.name, given.template)
  const mayAsk = stdin.isTTY && stdout.isTTY && !values.yes
  const { name: called, template: chosen = 'app', model } = mayAsk ? await askFor(given) : given
  const template = templateFrom(chosen)
  const { names, folder } = placeFrom(called ?? templates[template].usualName, template)
  const found = findManager(env.npm_config_user_agent)
  const manager = usableManager(found, !isNewEnough(versions.node))
  const project: Project = { names, template, model: modelFrom(model), manager, node: versions.node }
  writeProject(folder, project)
  initGit(folder)
  sayWhatNext(folder, project, found)
}

const seeHelp = '“npm create localapp -- --help” says what there is.'

function readArguments(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        template: { type: 'string', short: 't' },
        model: { type: 'string', short: 'm' },
        yes: { type: 'boolean', short: 'y' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    const reason =
      error instanceof Error ? error.message.replace(/\.? To specify .*|\.$/s, '') : String(error)
    throw new Refusal(`${reason}. ${seeHelp}`)
  }
}

async function askFor(given: Wishes): Promise<Wishes> {
  const asker = openAsker()
  try {
    const kinds = Object.entries(templates)
    const name =
      given.name ??
      (await asker.ask('What is it called?', 'my-app', (answer) => placeFrom(answer, given.template)))
    const kindOf = (answer: string): Template => templateFrom(kinds[Number(answer) - 1]?.[0] ?? answer)
    const list = kinds.map(([kind, { says }], at) => `  ${at + 1}  ${kind}: ${says}\n`)
    const template =
      given.template ??
      kindOf(
        await asker.ask(`What to start with?\n${list.join('')}Number or name`, '1', (answer) => {
          placeFrom(name, kindOf(answer))
        }),
      )
    const model =
      given.model ??
      (await asker.ask('Which model of Ollama’s for the assistant? A name, “none”, or', 'the first there is'))
    return { name, template, model }
  } finally {
    asker.close()
  }
}

function templateFrom(text: string): Template {
  if (Object.hasOwn(templates, text)) return text as Template
  throw new Refusal(`There is no template “${text}”. There are ${Object.keys(templates).join(', ')}.`)
}

/** Where a project of this name goes. Throws a {@link Refusal} when it cannot. */
function placeFrom(name: string, template: string | undefined): { names: Names; folder: string } {
  const names = namesFrom(name === '.' ? basename(cwd()) : name)
  if (template === 'plugin') expectPluginName(names)
  const folder = resolve(name === '.' ? '.' : names.folder)
  expectFree(folder)
  return { names, folder }
}

function modelFrom(text: string | undefined): string | undefined {
  if (text === undefined || text === 'the first there is') return undefined
  if (/^[\w./:-]+$/.test(text)) return text
  throw new Refusal(`“${text}” is no name of a model. “ollama list” prints those that are there.`)
}

function sayWhatNext(folder: string, { template, manager, node }: Project, found: Manager): void {
  const path = relative('', folder)
  say(`${strong(`Written to ${path || 'this folder'}.`)}`)
  if (!isNewEnough(node)) {
    say(
      `This is Node ${node}, and 22.18 or later is needed. So package.json has Node ${ownNode} (the package “node”),`,
    )
    say('and its scripts run on that one. With a newer Node of your own, take that line out.')
    say('What installs it may warn of the older one all the same (EBADENGINE).')
    if (manager !== found) say('Yarn cannot bring a Node along, so this is for npm.')
  }
  say('Next:\n')
  if (path) say(`  cd ${path}`)
  say(inWordsOf(manager, `  npm install\n  npm start`))
  if (template === 'plugin') say(inWordsOf(manager, '  npm test'))
  const readme = template === 'single-file' ? '' : 'README.md says more. '
  say(`\n${readme}AGENTS.md tells a language model how to go on.`)
}

function strong(text: string): string {
  return stdout.isTTY && !env.NO_COLOR ? styleText('bold', text) : text
}

function say(text: string): void {
  stdout.write(`${text}\n`)
}
