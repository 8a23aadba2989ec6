import { describeValue, ignoreRejections } from '../describe-value.ts'
import { InvalidStageOutputError, toStageError } from '../errors.ts'
import type { Candidate, Dial, Flight, RaceState, Rule } from '../types.ts'

/** The Connection Attempt Delay of RFC 8305, section 5, for unknown round-trip times, in milliseconds */
export const CONNECTION_ATTEMPT_DELAY = 250

type Times = ReturnType<Rule>

/** A lower answer than this, in milliseconds since the epoch, is a delay instead of a time */
const END_OF_1970 = 365 * 24 * 60 * 60 * 1_000

/** A timing rule of one stage in one dial */
export class StageRule {
  readonly isPace: boolean
  readonly #rule: Rule
  readonly #dial: Dial & { readonly stage: string }

  constructor (dial: Dial & { readonly stage: string }, rule: Rule, isPace: boolean) {
    if (typeof rule !== 'function') {
      throw new InvalidStageOutputError(dial.stage, `gave ${describeValue(rule)} as a timing rule: a rule is a function`)
    }

    this.isPace = isPace
    this.#rule = rule
    this.#dial = dial
  }

  /**
   * Returns the time of each candidate, or one time for all
   *
   * @throws the error of the rule; InvalidStageOutputError for an answer of a wrong type, and for a delay instead of a time
   */
  ask (race: RaceState): Times {
    const answer = this.#call(() => this.#rule(race, this.#dial))

    return typeof answer === 'function' ? candidate => this.#check(race, this.#call(() => answer(candidate)), candidate) : this.#check(race, answer)
  }

  #call<T> (fn: () => T): T {
    try {
      return fn()
    } catch (err) {
      throw toStageError(this.#dial.stage, err)
    }
  }

  #check ({ startedAt }: RaceState, time: unknown, candidate?: Candidate): number {
    const what = (): string => `has a timing rule that answered ${describeValue(time)}${candidate == null ? '' : ` for ${candidate.id}`}`

    if (typeof time !== 'number' || Number.isNaN(time)) {
      ignoreRejections(time)
      throw new InvalidStageOutputError(this.#dial.stage, `${what()}: a rule answers a time, in milliseconds, or a function from a candidate to one`)
    }

    if (time > 0 && time < END_OF_1970 && startedAt > END_OF_1970) {
      throw new InvalidStageOutputError(this.#dial.stage, `${what()}, which is a time in 1970: a rule answers a time of the dial's clock, such as race.startedAt + ${time}`)
    }

    return time
  }
}

/** Returns the latest time that any rule answers for a candidate. -Infinity without rules */
export function latest (answers: readonly Times[], candidate: Candidate): number {
  return answers.reduce<number>((most, answer) => Math.max(most, typeof answer === 'function' ? answer(candidate) : answer), -Infinity)
}

/** Combines the timing rules of a race: chooses the candidate that starts next, and its time */
export class Starts {
  readonly #dial: Pick<Dial, 'clock' | 'outcomes'>
  readonly #paces: readonly StageRule[]
  readonly #holds: readonly StageRule[]
  readonly #startedAt: number

  constructor (dial: Pick<Dial, 'clock' | 'outcomes'>, rules: readonly StageRule[]) {
    this.#dial = dial
    this.#paces = rules.filter(({ isPace }) => isPace)
    this.#holds = rules.filter(({ isPace }) => !isPace)
    this.#startedAt = dial.clock.now()
  }

  /**
   * Returns the candidate that may start first. If several may start now, it is the one with the shortest hold; among equals the first
   *
   * @param untried at least one. Rules see it and `inFlight`, so both are frozen
   * @param init.now the time at which the caller asks. The clock may have advanced since, and a time in between would never come
   */
  next (untried: readonly Candidate[], inFlight: readonly Flight[], { firstStart, lastStart }: Pick<RaceState, 'firstStart' | 'lastStart'>, { complete, now }: { complete: boolean, now: number }): { candidate: Candidate, at: number } {
    const first = untried[0] as Candidate

    // the usual first start of a race
    if (inFlight.length === 0 && this.#holds.length === 0) {
      return { candidate: first, at: now }
    }

    const state: RaceState = Object.freeze({ untried: Object.freeze(untried), inFlight: Object.freeze(inFlight), outcomes: this.#dial.outcomes, complete, startedAt: this.#startedAt, firstStart, lastStart })
    const paces: Times[] = inFlight.length === 0 ? [] : this.#paces.length === 0 ? [lastStart + CONNECTION_ATTEMPT_DELAY] : this.#paces.map(rule => rule.ask(state))
    const paced = latest(paces.filter(time => typeof time === 'number'), first)

    // no candidate may start yet, so the choice can wait
    if (paced > now && this.#holds.length === 0) {
      return { candidate: first, at: paced }
    }

    const holds = this.#holds.map(rule => rule.ask(state))
    const releaseOf = releasesOf(inFlight)

    const least = Math.max(now, paced)
    let best = { candidate: first, held: Infinity, at: Infinity }

    for (const candidate of untried) {
      const held = Math.max(0, latest(holds, candidate))
      const at = Math.max(now, held, latest(paces, candidate), releaseOf(candidate))

      if (at < best.at || (at === best.at && held < best.held)) {
        best = { candidate, held, at }
      }

      // no other candidate can be better. Most times the first one is as good
      if (best.at === least && best.held === 0) {
        break
      }
    }

    return best
  }
}

/** Milliseconds that a host has to respond before another of its ports is tried: a firewall may drop packets to the first port */
const SILENT = 500

/** `SILENT` for this machine, where only the event loops take time */
const SILENT_HERE = 250

/** Milliseconds from the first response to the end of the handshake, before another port of the host is tried */
const HANDSHAKE = 2_000

/**
 * Returns the time before which a candidate must not start, to spare its host.
 *
 * libp2p listeners count the TCP connections of each IP address, which peers behind a NAT share. With their default limits they reset the sixth
 * one in a second. While a TCP connection to a host is in flight, the next one therefore waits for its failure, for 500 ms of silence (250 ms on
 * this machine), or for a handshake over 2 s. Each further connection in flight halves these times. Candidates of other hosts and over UDP do not
 * wait.
 */
export function releasesOf (inFlight: readonly Flight[]): (candidate: Candidate) => number {
  const oldestFirst = inFlight.length > 1 ? inFlight.toSorted((a, b) => a.startedAt - b.startedAt) : inFlight

  return candidate => {
    let release = -Infinity

    // without attempts in flight, the hosts of the candidate need not be computed
    for (const host of oldestFirst.length === 0 ? [] : candidate.facts.tcpHosts) {
      let count = 0

      for (const { candidate: { facts }, startedAt, firstResponseAt } of oldestFirst) {
        if (facts.tcpHosts.includes(host)) {
          const silent = facts.isLoopback ? SILENT_HERE : SILENT
          release = Math.max(release, firstResponseAt == null ? startedAt + silent / 2 ** count : firstResponseAt + HANDSHAKE / 2 ** count)
          count++
        }
      }
    }

    return release
  }
}
