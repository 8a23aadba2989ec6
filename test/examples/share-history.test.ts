import test from 'ava'
import { exchangeHistory } from '../../examples/share-history.ts'
import { beliefIn, node, one, other, two } from '../history/fleet/fleet.ts'
import { connects, silent, to } from '../history/learning.ts'
import type { SharedStore } from '../../examples/share-history.ts'

function memoryStore (): SharedStore & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>()

  return { texts, put: async (name, text) => texts.set(name, text), all: async () => [...texts.values()] }
}

const onError = (error: unknown): void => { throw error }

test('after an exchange each node believes the observations of all, and the store has one text of each', async t => {
  const store = memoryStore()
  const fleet = [node(), node(), node()] as const
  fleet[0].tell(one, connects)
  fleet[1].tell(one, connects)
  fleet[1].tell(two, silent)
  const news: number[][] = []

  for (let round = 0; round < 3; round++) {
    news.push(await Promise.all(fleet.map(async (one, i) => exchangeHistory(one, store, { name: `node ${i}`, onError }))))
  }

  t.deepEqual(news, [[0, 0, 0], [2, 1, 3], [0, 0, 0]])
  t.deepEqual([...store.texts.keys()], ['node 0', 'node 1', 'node 2'])
  const [ofOne = NaN, ofTwo = NaN, ofNone = NaN] = [one, two, to('/ip4/7.7.9.9/tcp/1', other)].map(one => beliefIn(fleet[2], one)[0])
  t.true(ofTwo < ofNone - 0.1 && ofNone < ofOne - 0.1, `${ofTwo} ${ofNone} ${ofOne}`)
})

test('a node that exchanges at its start believes the store\'s texts before its first dial', async t => {
  const store = memoryStore()
  const first = node()
  first.tell(one, connects)
  await exchangeHistory(first, store, { name: 'first', onError })
  const late = node()

  t.is(await exchangeHistory(late, store, { name: 'late', onError }), 1)
  t.true((beliefIn(late, one)[0] ?? NaN) > 0.6)
})

test('exchangeHistory() reports a text that cannot be read, and merges the others', async t => {
  const store = memoryStore()
  const first = node()
  first.tell(one, connects)
  store.texts.set('broken', '{')
  await exchangeHistory(first, store, { name: 'first', onError: () => {} })
  const errors: unknown[] = []

  t.is(await exchangeHistory(node(), store, { name: 'late', onError: error => errors.push(error) }), 1)
  t.deepEqual(errors.map(error => (error as Error).name), ['InvalidParametersError'])
})

test('exchangeHistory() rejects with the store\'s error', async t => {
  const store = { ...memoryStore(), all: async () => { throw new Error('the store is gone') } }

  await t.throwsAsync(exchangeHistory(node(), store, { name: 'first', onError }), { message: 'the store is gone' })
})
