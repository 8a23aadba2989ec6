import test from 'ava'
import { sortTests } from './sort-tests.ts'

const ALL = ['test/bans/bans.test.ts', 'test/bans/bans-store.test.ts', 'test/bans/keys.test.ts', 'test/libp2p/bans.test.ts', 'test/libp2p/traces.test.ts', 'test/wrong-arguments.test.ts', 'test/stages/race.test.ts', 'test/stages/verify.test.ts']

test('the tests of a mutant begin with the closest test, and end with tests of whole nodes', t => {
  const executors = [
    { test: 'test/libp2p/traces.test.ts', breadth: 1 },
    { test: 'test/libp2p/bans.test.ts', breadth: 90 },
    { test: 'test/wrong-arguments.test.ts', breadth: 80 },
    { test: 'test/stages/verify.test.ts', breadth: 30 },
    { test: 'test/stages/race.test.ts', breadth: 20 },
    { test: 'test/bans/keys.test.ts', breadth: 3 },
    { test: 'test/bans/bans-store.test.ts', breadth: 60 },
    { test: 'test/bans/bans.test.ts', breadth: 50 }
  ]

  t.deepEqual(sortTests('src/bans/bans.ts', executors, ALL), ['test/bans/bans.test.ts', 'test/bans/bans-store.test.ts', 'test/libp2p/bans.test.ts', 'test/bans/keys.test.ts', 'test/wrong-arguments.test.ts', 'test/stages/race.test.ts', 'test/stages/verify.test.ts', 'test/libp2p/traces.test.ts'])
})

test('a mutant that only a started process executes has all tests of its folder', t => {
  t.deepEqual(sortTests('src/bans/bans.ts', [{ breadth: 1 }], ALL), ['test/bans/bans.test.ts', 'test/bans/bans-store.test.ts', 'test/bans/keys.test.ts'])
  t.deepEqual(sortTests('src/bans/bans.ts', [], ALL), [])
})
