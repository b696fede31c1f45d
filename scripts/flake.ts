/**
 * Evaluates the flake of the repository and those of new projects, for every system that they name: `node scripts/flake.ts`.
 * nixpkgs is a stub that knows only what they may ask of it; the program of `nix run` is real, and is started in a
 * folder where it has to refuse. Without Nix this says so.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argv, env, execPath, exit, platform } from 'node:process'
import { root } from './root.ts'

/** The part of nixpkgs that the flakes use. A package is its name, and a program is its text. */
const stub = `{
  outputs = { self }: rec {
    lib = {
      genAttrs = names: make: builtins.listToAttrs (map (name: { inherit name; value = make name; }) names);
      optional = condition: value: if condition then [ value ] else [ ];
    };
    legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" "aarch64-darwin" ] (system: {
      inherit lib;
      stdenv.isLinux = builtins.match ".*-linux" system != null;
      mkShell = { packages }: builtins.toString packages;
      writeShellApplication = { name, runtimeInputs, text }:
        "# \${builtins.toString runtimeInputs}\\n\${text}";
      nodejs_24 = "nodejs_24";
      pnpm = "pnpm";
      yarn = "yarn";
      yarn-berry = "yarn-berry";
      bun = "bun";
      ollama = "ollama";
    } // (if builtins.match ".*-linux" system != null then { chromium = "chromium"; } else { }));
  };
}
`

/** What a flake gives for each system. */
export interface Flake {
  readonly apps: Readonly<
    Record<string, { readonly default: { readonly type: string; readonly program: string } }>
  >
  readonly devShells: Readonly<Record<string, { readonly default: string }>>
}

/** Tells whether there is Nix on this machine. */
export function hasNix(): boolean {
  return spawnSync('nix', ['--version']).status === 0
}

/** Evaluates the flake at an address such as `path:/tmp/notes`. Throws with Nix's words. */
export function evaluateFlake(address: string): Flake {
  const folder = mkdtempSync(join(tmpdir(), 'localapp-nixpkgs-'))
  try {
    writeFileSync(join(folder, 'flake.nix'), stub)
    const evaluate = (output: string): unknown => {
      const features = ['--extra-experimental-features', 'nix-command flakes']
      const input = ['--override-input', 'nixpkgs', `path:${folder}`, '--no-write-lock-file']
      const command = [...features, 'eval', '--json', `${address}#${output}`, ...input]
      const evaluated = spawnSync('nix', command, { encoding: 'utf8' })
      if (evaluated.status !== 0)
        throw new Error(`nix eval of ${address}#${output} failed:\n${evaluated.stderr}`)
      return JSON.parse(evaluated.stdout)
    }
    return { apps: evaluate('apps'), devShells: evaluate('devShells') } as Flake
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The text of the program that `nix run` starts, and what Nix puts on its PATH. */
export function programOf({ apps }: Flake, system: string): { text: string; inputs: string } {
  const [text = ''] = apps[system]?.default.program.split(/\/bin\/[\w-]+$/) ?? []
  return { text, inputs: (text.split('\n')[0] ?? '').slice(2) }
}

/** Tells what is wrong with an evaluated flake; a sentence each. */
function problemsOf(flake: Flake, tools: readonly string[]): string[] {
  const problems: string[] = []
  const systems = Object.keys(flake.apps)
  if (systems.length !== 3) problems.push(`it is for ${systems.join(', ')}`)
  for (const system of systems) {
    if (flake.apps[system]?.default.type !== 'app') problems.push(`${system} has no app`)
    const shell = [...tools, 'ollama', ...(system.endsWith('-linux') ? ['chromium'] : [])].join(' ')
    const found = flake.devShells[system]?.default
    if (found !== shell) problems.push(`the shell on ${system} has ${found}, and not ${shell}`)
    const { text, inputs } = programOf(flake, system)
    if (inputs !== tools.join(' ')) problems.push(`the program on ${system} is given ${inputs}`)
    const elsewhere = mkdtempSync(join(tmpdir(), 'localapp-elsewhere-'))
    const refused = spawnSync('bash', ['-euo', 'pipefail', '-c', text], { cwd: elsewhere, encoding: 'utf8' })
    rmSync(elsewhere, { recursive: true })
    if (refused.status !== 1 || !refused.stderr.startsWith('Run this in the folder of '))
      problems.push(`the program on ${system} said, in an empty folder: ${refused.status} ${refused.stderr}`)
  }
  return problems
}

/** The flakes: the repository's, and those of new projects, in a repository of git's as they are created. */
function* flakes(folder: string): Generator<{ name: string; address: string; tools: readonly string[] }> {
  const own = join(folder, 'localapp')
  mkdirSync(own)
  // A copy, for Nix would take the whole repository into its store.
  copyFileSync(join(root, 'flake.nix'), join(own, 'flake.nix'))
  yield { name: 'the repository', address: `path:${own}`, tools: ['nodejs_24', 'pnpm'] }
  const agents = {
    npm: [],
    'pnpm/12.21.0': ['pnpm'],
    'yarn/4.18.1': ['yarn-berry'],
    'bun/1.4.5': ['bun'],
  }
  for (const [agent, more] of Object.entries(agents)) {
    for (const template of ['app', 'plugin']) {
      const name = `${template}-${agent.split('/')[0]}`
      const bin = join(root, 'packages/create-localapp/src/bin.ts')
      const made = spawnSync(execPath, [bin, name, '--template', template], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...env, npm_config_user_agent: agent },
      })
      if (made.status !== 0) throw new Error(made.stderr)
      yield { name, address: `git+file://${join(folder, name)}`, tools: ['nodejs_24', ...more] }
    }
  }
}

function checkFlakes(): boolean {
  if (!hasNix()) {
    console.log(
      'Nix was not found, so the flakes were not evaluated (Debian, Ubuntu: apt-get install nix-bin).',
    )
    return !(env.CI === 'true' && platform === 'linux')
  }
  const folder = mkdtempSync(join(tmpdir(), 'localapp-flakes-'))
  let isGood = true
  try {
    for (const { name, address, tools } of flakes(folder)) {
      const problems = problemsOf(evaluateFlake(address), tools)
      console.log(`${name.padEnd(16)}${problems.length > 0 ? '' : tools.join(', ')}`)
      for (const problem of problems) console.log(`  ${problem}`)
      isGood &&= problems.length === 0
    }
    return isGood
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

if (argv[1] === import.meta.filename) exit(checkFlakes() ? 0 : 1)
