import test from 'ava'
import { Bans } from '../../src/bans/bans.ts'
import { pipeline } from '../../src/pipeline/pipeline.ts'
import { bans } from '../../src/stages/bans.ts'
import { gater } from '../../src/stages/gater.ts'
import { take } from '../../src/stages/take.ts'
import { cand, cands, PEER, reason, said, tryOut } from '../testing/try-out.ts'
import type { StageRun } from '../../src/testing/compliance/stage-run.ts'
import type { AnyStage, DialBans } from '../../src/pipeline/types.ts'
import type { ExecutionContext } from 'ava'

const prefix = '203.0.113.2/31'

function banning (t: ExecutionContext, stage: AnyStage, ...targets: Array<Parameters<Bans['add']>[0]>): { trial: StageRun, bans: Bans } {
  let made: Bans | undefined
  const trial = tryOut(t, stage, {
    components: ({ clock }) => {
      made = new Bans(clock)
      targets.forEach(target => made?.add(target, 60_000))

      return { bans: made }
    }
  })

  return { trial, get bans () { return made as Bans } }
}

for (const [name, stage] of [['bans', bans], ['gater', gater]] as const) {
  test(`${name}() drops banned addresses and says until when`, async t => {
    const { trial } = banning(t, stage(), prefix)
    trial.give({ candidates: cands(1, 2, 3, 4) })
    await trial.settle()

    t.deepEqual(said(trial), ['1 4'])
    t.regex(reason(trial, cand(2)) ?? '', /^203\.0\.113\.2\/31 is banned until \d{4}-.*Z$/)
  })

  test(`${name}() drops all addresses of a banned peer`, async t => {
    const { trial } = banning(t, stage(), PEER)
    trial.give({ candidates: cands(1, 2) })
    await trial.settle()
    t.deepEqual(said(trial), [''])
  })
}

test('bans() above take() leaves room for others', async t => {
  const { trial } = banning(t, pipeline(bans(), take(2)), prefix)
  trial.give({ candidates: cands(2, 3, 4, 5) })
  await trial.settle()
  t.deepEqual(said(trial), ['4 5'])
})

test('bans() asks once about an address in a dial', async t => {
  const asked: string[] = []
  const port: DialBans = { reasonFor: subject => { asked.push('multiaddr' in subject ? subject.multiaddr.toString() : ''); return undefined } }
  const trial = tryOut(t, bans(), { components: () => ({ bans: port }) })
  const [a, b] = [cand(1), cand(2)]
  trial.give({ candidates: [a] })
  trial.give({ candidates: [a, b] })
  await trial.settle()
  t.deepEqual(asked, [a.id, b.id])
})

test('bans() drops nothing without bans', async t => {
  const trial = tryOut(t, bans())
  trial.give({ candidates: cands(1, 2) })
  await trial.settle()
  t.deepEqual(said(trial), ['1 2'])
})
