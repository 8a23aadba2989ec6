import { isMultiaddr } from '@multiformats/multiaddr'
import { isPeerId } from '@libp2p/interface'
import { microtasks } from '../support/microtasks.ts'
import { FakeConnection } from './fake-connection.ts'
import type { CallRecord } from './callers.ts'
import type { Scene } from './scene.ts'
import type { Act, Action, DialSpec } from './script.ts'

/** The maximum number of callers: a listener may dial, and the listener of that dial may dial too */
const MAX_CALLS = 40

function restart ({ engine }: Scene): void {
  engine.stop()
  engine.start()
}

/** Returns the spec of a dial that joins an earlier one, with equivalent options. Usually it adds an address */
function joining ({ spec: { target, pipeline, options } }: CallRecord, spec: DialSpec): DialSpec {
  const addresses = [spec.target].flat().filter(isMultiaddr)
  const peer = isPeerId(target) ? target.toString() : String([target].flat()[0]).match(/\/p2p\/([^/]+)$/)?.[1]
  const bare = addresses.filter(address => !address.toString().includes('/p2p/'))
  const own = peer == null ? [] : [...bare.map(address => address.encapsulate(`/p2p/${peer}`)), ...addresses.filter(address => address.toString().endsWith(`/p2p/${peer}`))]

  return { ...spec, pipeline, options: { ...options, priority: spec.options['priority'] }, target: own.length === 0 ? target : own }
}

function performAct (scene: Scene, act: Act): void {
  const { engine, callers, network } = scene
  const { calls } = callers

  switch (act.kind) {
    case 'dial': callers.dial(act.spec)
      break
    case 'join': {
      const earlier = act.earlier == null ? calls.findLast(({ result }) => result == null) : calls[act.earlier % Math.max(1, calls.length)]
      callers.dial(earlier == null ? act.spec : joining(earlier, act.spec))
      break
    }
    case 'abort': {
      const call = calls[act.earlier]

      if (call != null) {
        callers.abort(call)
      }
      break
    }
    case 'stop': engine.stop()
      break
    case 'start': engine.start()
      break
    case 'restart': restart(scene)
      break
    case 'accept': scene.given.add(network.add(new FakeConnection(act.address)))
      break
    case 'close': network.open[act.nth]?.end('closed')
      break
    default:
  }
}

/** Performs the reaction of a caller's listener */
export function performReaction (scene: Scene, call: CallRecord): void {
  switch (call.spec.reaction?.act) {
    case 'throw': throw new Error('the listener threw')
    case 'abort': scene.callers.abort(call)
      break
    case 'dial': if (scene.callers.calls.length < MAX_CALLS) {
      scene.callers.dial(call.spec)
    }
      break
    case 'stop': scene.engine.stop()
      break
    case 'restart': restart(scene)
      break
    case undefined:
  }
}

/** Schedules every action for its time or its moment */
export function schedule (scene: Scene, actions: readonly Action[]): void {
  for (const { when, microtasks: offset, act } of actions) {
    const perform = (): void => {
      void microtasks(offset).then(() => { performAct(scene, act) })
    }

    if (typeof when === 'number') {
      scene.clock.setTimeout(perform, when)
      continue
    }

    let left = when.nth
    const onMoment = (moment: string): void => {
      if (moment === when.moment && left-- === 0) {
        scene.onMoment.delete(onMoment)
        perform()
      }
    }
    scene.onMoment.add(onMoment)
  }
}
