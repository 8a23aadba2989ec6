import test from 'ava'
import { suggestName } from '../../src/pipeline/option-kinds.ts'

for (const name of ['persit', 'persistt', 'persost', 'pesrist', 'epersist']) {
  test(`suggestName() returns "persist" for "${name}"`, t => {
    t.is(suggestName(name, ['retries', 'persist']), 'persist')
  })
}

test('suggestName() counts a swap of two neighbours as one edit, and not other anagrams', t => {
  t.is(suggestName('acbd', ['abcd']), 'abcd')

  for (const anagram of ['dbca', 'dabc', 'bcda', 'cbad']) {
    t.is(suggestName(anagram, ['abcd']), undefined)
  }
})

test('suggestName() returns nothing two edits from a name shorter than six letters', t => {
  t.is(suggestName('mod', ['moody']), undefined)
  t.is(suggestName('prsists', ['persist']), 'persist')
})

test('suggestName() returns the closest name, and the first of equals', t => {
  t.is(suggestName('modes', ['nodes', 'moods', 'model']), 'nodes')
  t.is(suggestName('retrying', ['retries', 'retryings']), 'retryings')
})

test('suggestName() accepts the maximum number of edits', t => {
  t.is(suggestName('persits', ['persist'], 1), 'persist')
  t.is(suggestName('prsists', ['persist'], 1), undefined)
})
