import { abortListeners } from '../helpers/open-handles.ts'
import { beginsOf } from './callers.ts'
import type { CallRecord } from './callers.ts'
import type { Scene } from './scene.ts'

function checkCall (call: CallRecord, { callers, network, settings }: Scene): string[] {
  const { spec, controller, at, abortedAt, heard, result, settledAt = Infinity, threw } = call
  const faults: string[] = []
  const begins = beginsOf(call)
  // a queued dial has no timeout, and one that waits for a slot has six times the timeout
  const timeout = begins.length === 0 ? Infinity : 6 * settings.dialTimeout
  const latest = controller == null ? Math.max(at, ...begins) + timeout : abortedAt ?? Infinity

  if (threw !== undefined) {
    faults.push(`dial() threw ${String(threw)} instead of rejecting`)
  } else if (result == null) {
    faults.push('a caller is still waiting')
  } else if (result.status === 'fulfilled') {
    if (!network.connections.includes(result.value as any)) {
      faults.push(`a caller was given ${String(result.value)} for a connection`)
    }
  } else if (!(result.reason instanceof Error) && (controller == null || result.reason !== controller.signal.reason)) {
    faults.push(`a caller was failed with ${String(result.reason)}, which is no Error`)
  }

  if (result != null && settledAt > latest) {
    faults.push(`a caller was told at ${settledAt} ms, and its time was over at ${latest} ms`)
  }

  // a caller gets a dial of its own if it came too late, or the dial had no room for its addresses. Each such dial leaves fewer callers
  if (begins.length > callers.calls.length + 1) {
    faults.push(`a caller waited for ${begins.length} dials, one after the other`)
  }

  for (const [event, times] of heard) {
    if (times > 1) {
      faults.push(`a caller heard one ${(event as Event).type} event ${times} times`)
      break
    }
  }

  if (controller != null && abortListeners(controller.signal) > 0) {
    faults.push(`${abortListeners(controller.signal)} listeners are left on the signal of a caller`)
  }

  return spec.target == null ? faults : faults.map(fault => `${fault} (${String(spec.target).slice(0, 80)})`)
}

/** Checks how often each dial has dialled each address */
function checkAttempts ({ ended, network, pipelines, begunAnew }: Scene): string[] {
  return ended.flatMap(dial => {
    const part = pipelines.find(({ init }) => init === dial.pipeline)

    if (part == null) {
      return ['a dial ended that ran no pipeline of the case']
    }

    const { calls } = part
    const { startedAt = 0, endedAt = 0 } = dial.run ?? {}
    const seconds = (endedAt - startedAt) / 1_000
    // failed addresses are dialled again after 1 s, 2 s, 4 s and so on while a source is still searching
    const again = seconds < 1 ? 0 : Math.ceil(Math.log2(1 + seconds))
    const outcomes = part.outcomes * (1 + again)
    const starts = part.starts * (1 + again)
    const stories = [...dial.run?.story.addresses.values() ?? []].flatMap(({ candidate, attempts }) => {
      const had = attempts.filter(({ result }) => result !== 'cancelled').length
      const begun = attempts.filter(({ startedAt }) => startedAt != null).length

      const anew = begunAnew.get(dial)?.filter(id => id === candidate.id).length ?? 0

      return had > outcomes || begun > starts + anew ? [`a dial attempted ${candidate.id.slice(0, 80)} ${begun} times, ${had} with an outcome: ${starts} and ${outcomes} are allowed`] : []
    })
    const asked = [...network.calls.get(dial) ?? []].flatMap(([address, count]) => {
      return count > starts * calls ? [`a dial asked the transport for ${address.slice(0, 80)} ${count} times: ${starts * calls} are allowed`] : []
    })

    return [...stories, ...asked].slice(0, 2)
  })
}

function checkNested ({ nested, network }: Scene): string[] {
  return nested.flatMap(({ options, isNested, result }) => {
    if (result == null) {
      return ['a transport is still waiting for its relay']
    }

    if (result.status === 'fulfilled') {
      return network.connections.includes(result.value as any) ? [] : [`a transport was given ${String(result.value)} for its relay`]
    }

    return result.reason instanceof Error || (isNested && result.reason === options.signal?.reason) ? [] : [`a transport was failed with ${String(result.reason)}, which is no Error`]
  })
}

function checkRest ({ engine, clock, network, given, lingering, settings: { maxParallelDials } }: Scene): string[] {
  const left = {
    'dials are pending': engine.dials.pending.size,
    'dials are running': engine.dials.running.size,
    'dials go on': engine.dials.lingering.size,
    'attempts go on': engine.attempts.size,
    'timers are set': clock.pending
  }
  const lost = network.open.filter(connection => !connection.isReleased && !given.has(connection))

  return [
    ...Object.entries(left).flatMap(([what, count]) => count === 0 ? [] : [`${count} ${what}`]),
    ...lost.length === 0 ? [] : [`${lost.length} connections are open that nobody was given`],
    ...lingering.filter(count => count > maxParallelDials).map(count => `${count} dials went on, and ${maxParallelDials} may`).slice(0, 1),
    ...clock.isExhausted ? ['the case never came to rest: too many timers have fired'] : []
  ]
}

/** Describes the violations at the end of a case */
export function violationsIn (scene: Scene): string[] {
  return [
    ...scene.callers.calls.flatMap(call => checkCall(call, scene)),
    ...checkNested(scene),
    ...checkAttempts(scene),
    ...checkRest(scene)
  ]
}
