import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { root } from '../scripts/root.ts'

export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** What somebody passes in or is given, with the page that has to name each member. */
export const described = [
  ['Plugin', 'packages/core/src/plugin/plugin.ts', 'docs/plugins.md'],
  ['PluginContext', 'packages/core/src/plugin/plugin.ts', 'docs/plugins.md'],
  ['AppHandle', 'packages/core/src/plugin/plugin.ts', 'docs/plugins.md'],
  ['FieldOptions', 'packages/core/src/field/field.ts', 'docs/fields.md'],
  ['AppOptions', 'packages/core/src/app/app.ts', 'docs/start.md'],
  ['ActionDeclaration', 'packages/core/src/action/action.ts', 'docs/actions.md'],
  ['CrudOptions', 'packages/crud/src/crud.ts', 'docs/crud.md'],
  ['Step', 'packages/pipeline/src/step.ts', 'docs/pipelines.md'],
  ['Work', 'packages/pipeline/src/step.ts', 'docs/pipelines.md'],
  ['MapOptions', 'packages/steps/src/map.ts', 'docs/steps.md'],
  ['ShellOptions', 'packages/steps/src/shell.ts', 'docs/steps.md'],
  ['Pipe', 'packages/pipeline/src/step.ts', 'docs/pipelines.md'],
  ['PipelineOptions', 'packages/pipeline/src/pipeline.ts', 'docs/pipelines.md'],
  ['OllamaOptions', 'packages/models/src/ollama.ts', 'packages/models/README.md'],
  ['OpenaiCompatibleOptions', 'packages/models/src/openai-compatible.ts', 'packages/models/README.md'],
  ['LlamaCppOptions', 'packages/models/src/llama-cpp.ts', 'packages/models/README.md'],
  ['PageRequest', 'packages/core/src/plugin/plugin.ts', 'docs/pages.md'],
  ['ActionFormOptions', 'packages/core/src/page/form.ts', 'docs/pages.md'],
  ['Command', 'packages/core/src/plugin/plugin.ts', 'docs/plugins.md'],
  ['CommandContext', 'packages/core/src/plugin/plugin.ts', 'docs/plugins.md'],
  ['CommandOption', 'packages/core/src/plugin/plugin.ts', 'docs/plugins.md'],
  ['ReadContext', 'packages/core/src/action/action.ts', 'docs/actions.md'],
  ['WriteContext', 'packages/core/src/action/action.ts', 'docs/actions.md'],
  ['ExternalContext', 'packages/core/src/action/action.ts', 'docs/actions.md'],
  ['CallOptions', 'packages/core/src/action/call.ts', 'docs/actions.md'],
  ['AssistantOptions', 'packages/llm/src/assistant.ts', 'packages/llm/README.md'],
  ['FakeOllamaOptions', 'packages/models/src/testing/fake-ollama.ts', 'packages/models/README.md'],
  ['ModelStage', 'packages/models/src/testing/model-conformance.ts', 'docs/models.md'],
  ['ConformanceOptions', 'packages/core/src/testing/conformance.ts', 'docs/testing.md'],
  ['TriggersOptions', 'packages/triggers/src/triggers.ts', 'docs/triggers.md'],
  ['TestRunOptions', 'packages/pipeline/src/testing/test-run.ts', 'docs/testing.md'],
  ['Selection', 'packages/core/src/storage/table.ts', 'docs/crud.md'],
  ['InjectOptions', 'packages/core/src/testing/test-app.ts', 'docs/testing.md'],
  ['WidgetDeclaration', 'packages/widgets/src/widget.ts', 'docs/widgets.md'],
  ['WidgetOptions', 'packages/widgets/src/widget.ts', 'docs/widgets.md'],
  ['JsonOptions', 'packages/widgets/src/kinds.ts', 'docs/widgets.md'],
] as const

/** The members that an interface or a class declares itself. */
export function membersOf(name: string, source: string): string[] {
  const [, body = ''] =
    new RegExp(`(?:interface|class) ${name}\\b.*?\\{\\n(.*?)^\\}`, 'ms').exec(read(source)) ?? []
  return Array.from(
    body.matchAll(/^ {2}(?:abstract )?(?:readonly )?(\w+)\??[<(:]/gm),
    ([, member = '']) => member,
  )
}

/** The entries of the packages, `@localapp/core/testing` among them, each with its source. */
export const entries: readonly { readonly name: string; readonly source: string }[] = globSync(
  'packages/*/package.json',
  { cwd: root },
)
  .sort()
  .flatMap((path) => {
    const { name, exports = {} } = JSON.parse(read(path)) as {
      name: string
      exports?: Record<string, string | Record<string, string>>
    }
    return Object.entries(exports).flatMap(([entry, targets]) => {
      const source = typeof targets === 'object' ? targets['@localapp/source'] : undefined
      return source === undefined
        ? []
        : [
            {
              name: join(name, entry).replaceAll('\\', '/'),
              source: join(path, '..', source).replaceAll('\\', '/'),
            },
          ]
    })
  })

/** The functions for elements of HTML, which stand for themselves. */
export const elementNames = async (): Promise<string[]> =>
  Object.keys(await import('../packages/core/src/html/elements.ts'))

/** The commands of the example app, which has every package, and their options, as in `--limit`. */
export function commandLine(): { readonly commands: string[]; readonly options: string[] } {
  const app = join(root, 'examples/home/app.ts')
  const { stdout } = spawnSync(execPath, ['--conditions=@localapp/source', app, 'help'], { encoding: 'utf8' })
  return {
    commands: Array.from(stdout.matchAll(/^localapp (\w+)/gm), ([, command = '']) => command),
    options: Array.from(stdout.matchAll(/^ {4}(--[\w-]+) /gm), ([, option = '']) => option),
  }
}
