import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { RELEASES } from '../interop/releases.ts'
import { root } from './support/root.ts'

const LEFT_OUT = RELEASES.flatMap(({ without = {} }) => Object.values(without))

test('each title that an old release leaves out is the title of a test', t => {
  const files = globSync('test/{contract,leaks,libp2p}/**/*.test.ts', { cwd: root })
  const source = files.map(file => readFileSync(join(root, file), 'utf8')).join('\n').replaceAll('\\\'', '\'')
  const titles = LEFT_OUT.flatMap(({ titles = [] }) => titles)

  t.true(titles.length > 0)
  t.deepEqual(titles.filter(title => !source.includes(title.replace(/^(?:ours|\*): /, '').replace(/\*$/, ''))), [])
})

test('each file that an old release leaves out exists', t => {
  const patterns = LEFT_OUT.flatMap(({ files = [] }) => files)

  t.true(patterns.length > 0)
  t.deepEqual(patterns.filter(pattern => globSync(pattern, { cwd: root }).length === 0), [])
})
