import { globSync } from 'node:fs'
import test from 'ava'
import { groupsOf } from './support/groups.ts'
import { root } from './support/root.ts'
import { runTogether } from './support/run-together.ts'

// the test in second.ts checks the order
await runTogether(['test/support/together/first.ts', 'test/support/together/second.ts'])

test('each test file is in one group, with at most eleven others of its folder', t => {
  const files = globSync('test/*/**/*.test.ts', { cwd: root }).toSorted()
  const groups = groupsOf(files)

  t.deepEqual(groups.flatMap(([, members]) => members).toSorted(), files)

  for (const [name, members] of groups) {
    t.true(members.length <= 12, name)
    t.is(new Set(members.map(file => file.split('/')[1])).size, 1, name)
  }
})
