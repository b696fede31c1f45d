import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { PluginContext } from '@localapp/core'
import { fillIn, PipelinePlugin, pipe, t, type Work } from '@localapp/pipeline'
import { map } from '@localapp/steps'

type Mail = { readonly file: string; readonly text: string }

/** A folder of mail for the example, made when the pipeline asks for the first time. */
let inbox = ''
const samples = ['Lunch on Friday?', 'Your receipt', 'News of the week', 'Can you look at this?']
const to = t.pick(['answer', 'read', 'archive'], { default: 'read' })

export default class InboxZero extends PipelinePlugin({
  name: 'inbox-zero',
  steps: pipe()
    .ask('folder', {
      title: 'Which folder holds the mail?',
      help: 'The example brings one with four mails. Only files that end in .eml are touched.',
      fields: { folder: t.text() },
      defaults: () => ({ folder: inbox }),
      check: ({ folder }) => (existsSync(folder) ? undefined : { folder: `There is no folder “${folder}”.` }),
    })
    .run('mails', {
      title: 'Read the mail',
      run({ input: { folder } }) {
        const files = readdirSync(folder).filter((file) => file.endsWith('.eml'))
        return files.map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8').slice(0, 4_000) }))
      },
      show: ({ output }) => `${output.length} mails`,
    })
    .add('sorted', map({ title: 'Sort it', items: ({ input }) => input, run: (work) => sorted(work) }))
    .ask('plan', {
      title: 'Move it so?',
      approval: true,
      fields: { mails: t.list(t.obj({ file: t.text(), subject: t.text(), to })) },
      defaults: ({ input }) => ({ mails: input }),
      show: ({ input }) => input,
    })
    .run('moved', {
      title: 'Move it',
      run({ all }) {
        for (const { file, to } of all.plan.mails) {
          const from = join(all.folder.folder, basename(file))
          mkdirSync(join(all.folder.folder, to), { recursive: true })
          // Begun again after a kill, it moves the rest.
          if (existsSync(from)) renameSync(from, join(all.folder.folder, to, basename(file)))
        }
        return `${all.plan.mails.length} moved`
      },
    }),
}) {
  override setup(context: PluginContext): void {
    super.setup(context)
    inbox = join(context.app.dataFolder, 'inbox')
    if (existsSync(inbox)) return
    mkdirSync(inbox, { recursive: true })
    for (const [i, subject] of samples.entries())
      writeFileSync(join(inbox, `${i + 1}.eml`), `Subject: ${subject}\n`)
  }
}

async function sorted({ item: { file, text }, ...work }: Work & { readonly item: Mail }) {
  const prompt = `Is this mail to be answered, read or archived? Receipts are archived.\n\n${text}`
  const found = await fillIn({ fields: { to } }, prompt, work).catch(() => {
    work.signal.throwIfAborted()
    return { to: 'read' as const } // where no model answers, the user sorts
  })
  return { file, subject: /^Subject: (.*)$/m.exec(text)?.[1] ?? 'No subject', to: found.to }
}
