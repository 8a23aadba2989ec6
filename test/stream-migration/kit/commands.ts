import { fc } from '@fast-check/ava'
import type { Scene } from './scene.ts'
import type { Side } from './wire.ts'

/** One event of a scene */
export type Command =
  | { type: 'send', side: Side, bytes: number }
  | { type: 'pause' | 'resume' | 'close', side: Side }
  | { type: 'migrate', side: Side, wire: number }
  | { type: 'deliver', side: Side, wire: number, count: number }
  | { type: 'pass' | 'settle' }
  | { type: 'kill', side: Side, wire: number, arriving: number }

const side = fc.constantFrom<Side>(0, 1)
const wire = fc.nat(2)

const OFTEN = [
  { weight: 18, arbitrary: fc.record({ type: fc.constant('send' as const), side, bytes: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 40_000 })) }) },
  { weight: 24, arbitrary: fc.record({ type: fc.constant('migrate' as const), side, wire }) },
  { weight: 48, arbitrary: fc.record({ type: fc.constant('deliver' as const), side, wire, count: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 9, arbitrary: fc.record({ type: fc.constant('pass' as const) }) },
  { weight: 18, arbitrary: fc.record({ type: fc.constant('settle' as const) }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constantFrom('pause' as const, 'resume' as const, 'resume' as const), side }) }
]

const CLOSE = { weight: 1, arbitrary: fc.record({ type: fc.constant('close' as const), side }) }

/** The windows of three connections. Some let only a few bytes pass at a time */
export const windows = fc.array(fc.record({ window: fc.oneof(fc.integer({ min: 20, max: 2_000 }), fc.constant(65_536), fc.constant(1_000_000)) }), { minLength: 3, maxLength: 3 })

/** Traffic in both directions over three connections, with moves and sometimes a half-close */
export const traffic = fc.array(fc.oneof(...OFTEN, CLOSE), { minLength: 20, maxLength: 150, size: 'max' })

export const kill = fc.record({ type: fc.constant('kill' as const), side, wire, arriving: fc.nat(8) })

/** Counts migrations */
export class Tally {
  asked = 0
  moved = 0
  failed = 0
}

/** Runs the commands, with a turn of the event loop after each */
export async function run (scene: Scene, commands: Iterable<Command>, tally = new Tally()): Promise<void> {
  for (const command of commands) {
    await perform(scene, command, tally)
    await scene.pass()
  }
}

async function perform (scene: Scene, command: Command, tally: Tally): Promise<void> {
  switch (command.type) {
    case 'send':
      scene.talkers[command.side].send(command.bytes)
      return
    case 'pause':
    case 'resume':
    case 'close':
      scene.talkers[command.side][command.type]()
      return
    case 'migrate':
      if (scene.stream(command.side).connection !== scene.wire(command.wire).connections[command.side]) {
        tally.asked++
        scene.migrate(command.side, command.wire).then(() => { tally.moved++ }, () => { tally.failed++ })
      }
      return
    case 'deliver':
      scene.wire(command.wire).deliver(command.side, command.count)
      return
    case 'settle':
      await scene.settle()
      return
    case 'kill':
      scene.wire(command.wire).kill(command.side, command.arriving)
      return
    case 'pass':
  }
}
