import { all, expect } from '../rule.ts'
import { connectionTo } from './connection.ts'
import type { Bench } from '../bench.ts'

async function endsWithItsSource (bench: Bench): Promise<void> {
  const without = bench.begin()
  await without.rest()
  without.checkAlive()
  expect(!without.ended, 'it ended before its source, without a connection')
  without.upstream.end()
  await without.rest()
  expect(without.ended, 'it did not end when its source ended without a connection')

  const one = bench.begin()
  one.upstream.give(await connectionTo(one, bench.three[0]))
  one.upstream.end()
  await one.rest()
  one.checkAlive()
  expect(one.ended, 'it did not end when its source had')
}

async function passesTheFirst (bench: Bench): Promise<void> {
  const trial = bench.begin()
  const connection = await connectionTo(trial, bench.three[0])
  trial.upstream.give(connection)
  await trial.settle()
  trial.checkAlive()
  expect(trial.outputs.length === 1, `it was given a connection, and yielded ${trial.outputs.length} at once`)
}

/** Callers are given what was dialled */
export async function sameObjects (bench: Bench): Promise<void> {
  const [a, b] = bench.three
  const trial = bench.begin()
  const given = [await connectionTo(trial, a), await connectionTo(trial, b)]
  given.forEach(one => { trial.upstream.give(one) })
  await trial.rest()
  trial.checkAlive()
  expect(trial.connections.every(one => given.includes(one)), 'it yielded a connection that it was not given')
  expect(new Set(trial.connections).size === trial.connections.length, 'it yielded a connection twice')
}

export const passes = all(passesTheFirst, endsWithItsSource)
