import test from 'ava'
import { suggestName } from '../../src/pipeline/suggest-name.ts'

for (const name of ['persit', 'persistt', 'persost', 'pesrist', 'epersist']) {
  test(`suggests "persist" for "${name}"`, t => {
    t.is(suggestName(name, ['retries', 'persist']), 'persist')
  })
}

test('counts a swap of two neighbours as one edit, and any other order of the same letters as more', t => {
  t.is(suggestName('acbd', ['abcd']), 'abcd')

  for (const anagram of ['dbca', 'dabc', 'bcda', 'cbad']) {
    t.is(suggestName(anagram, ['abcd']), undefined)
  }
})

test('suggests nothing that is two edits from a name of fewer than six letters', t => {
  t.is(suggestName('mod', ['moody']), undefined)
  t.is(suggestName('prsists', ['persist']), 'persist')
})

test('suggests the closest name, and the first of several that are as close', t => {
  t.is(suggestName('modes', ['nodes', 'moods', 'model']), 'nodes')
  t.is(suggestName('retrying', ['retries', 'retryings']), 'retryings')
})

test('takes the number of edits that a name may be away', t => {
  t.is(suggestName('persits', ['persist'], 1), 'persist')
  t.is(suggestName('prsists', ['persist'], 1), undefined)
})
