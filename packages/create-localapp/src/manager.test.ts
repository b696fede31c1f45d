import { expect, test } from 'vitest'
import { filesFor, findManager, inFlakeOf, inWordsOf, usableManager } from './manager.ts'

const said =
  'npm install, npm start -- --no-open, npm test, npm run types, npm install my-package, npx localapp call, npm publish'

test.each([
  ['npm/11.19.1 node/v20.20.2 linux x64 workspaces/false', 'npm', said],
  [undefined, 'npm', said],
  [
    'pnpm/12.21.0 npm/? node/v24.21.0 linux x64',
    'pnpm',
    'pnpm install, pnpm start --no-open, pnpm test, pnpm types, pnpm add my-package, pnpm localapp call, npm publish',
  ],
  [
    'yarn/4.9.0 npm/? node/v24.21.0 linux x64',
    'yarn',
    'yarn install, yarn start --no-open, yarn test, yarn types, yarn add my-package, yarn localapp call, npm publish',
  ],
  [
    'bun/1.3.0 npm/? node/v24.3.0 linux x64',
    'bun',
    'bun install, bun run start --no-open, bun run test, bun run types, bun add my-package, bunx localapp call, npm publish',
  ],
])('%s is %s, and the commands are in its words', (userAgent, name, words) => {
  const manager = findManager(userAgent)
  expect(manager.name).toBe(name)
  expect(inWordsOf(manager, said)).toBe(words)
})

test('what a package manager needs to install as Node expects is written for it alone', () => {
  expect(filesFor({ name: 'npm', version: '11.19.1' })).toEqual({})
  expect(filesFor({ name: 'yarn', version: '1.22.22' })).toEqual({ '.yarnrc': 'ignore-scripts true\n' })
  expect(filesFor({ name: 'yarn', version: '4.9.0' })).toHaveProperty(['.yarnrc.yml'])
  expect(filesFor({ name: 'pnpm', version: '12.21.0' })).toHaveProperty(['pnpm-workspace.yaml'])
})

test('Yarn cannot bring a Node along, so npm takes over where one is needed', () => {
  const classic = { name: 'yarn', version: '1.22.22' } as const
  const berry = { name: 'yarn', version: '4.18.1' } as const
  expect(usableManager(classic, true).name).toBe('npm')
  expect(usableManager(classic, false)).toBe(classic)
  expect(usableManager(berry, true).name).toBe('npm')
  const bun = { name: 'bun', version: '1.4.5' } as const
  expect(usableManager(bun, true)).toBe(bun)
})

test.each([
  ['npm', '11.19.1', '[ pkgs.nodejs_24 ]'],
  ['pnpm', '12.21.0', '[ pkgs.nodejs_24 pkgs.pnpm ]'],
  ['yarn', '1.22.22', '[ pkgs.nodejs_24 pkgs.yarn ]'],
  ['yarn', '4.18.1', '[ pkgs.nodejs_24 pkgs.yarn-berry ]'],
  ['bun', '1.4.5', '[ pkgs.nodejs_24 pkgs.bun ]'],
] as const)('Nix brings %s %s with it', (name, version, tools) => {
  expect(inFlakeOf({ name, version }, 'tools = pkgs: [ pkgs.nodejs_24 ];')).toBe(`tools = pkgs: ${tools};`)
})
