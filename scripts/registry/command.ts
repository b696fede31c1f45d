import { type ChildProcess, execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { shell } from '../command.ts'

const execute = promisify(execFile)

/** The arguments of a command as the shell of Windows wants them; elsewhere none is used. */
export function quoted(args: readonly string[]): string[] {
  return args.map((arg) => (shell && /[^\w@./:\\=-]/.test(arg) ? `"${arg.replaceAll('"', '\\"')}"` : arg))
}

/** Runs a command and gives what it printed. Throws, with all that it said, when it fails. */
export async function run(
  where: string,
  env: NodeJS.ProcessEnv,
  command: string,
  ...args: string[]
): Promise<string> {
  try {
    const running = execute(command, quoted(args), { cwd: where, env, shell, maxBuffer: 2 ** 26 })
    running.child.stdin?.end()
    return (await running).stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error })
  }
}

/** Ends a command and all that it has started; elsewhere than on Windows it has to be `detached`. */
export async function endTree({ pid, exitCode }: ChildProcess): Promise<void> {
  if (pid === undefined || exitCode !== null) return
  if (shell) await execute('taskkill', ['/pid', String(pid), '/T', '/F'])
  else process.kill(-pid, 'SIGTERM')
}
