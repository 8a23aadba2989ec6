import { adaptive } from '../../presets/index.ts'
import { attemptTimeout, converge, dialable, fromCaller, gater, pipeline, race } from '../../src/stages/index.ts'
import { fastClock } from '../helpers/fast-clock.ts'
import { PATIENCE } from '../helpers/until.ts'
import type { DialerInit, DialPipeline } from '../../src/index.ts'

/** The factor by which the clock of a configured dialer is faster: a round then takes a third of a second */
const FACTOR = 10

/** Milliseconds for which an unconfigured dialer keeps a connection without streams */
const IDLE = 30_000

/** A race with a timeout that suits the fast clock */
export const UNHURRIED = race({ attempt: [attemptTimeout(PATIENCE * FACTOR)] })

/** The dialer of an end whose connections converge */
export interface ConvergingDialer {
  readonly pipeline: DialPipeline
  readonly init: DialerInit
  /** The factor by which its clock is faster than the system's */
  readonly factor: number
  /** Milliseconds of system time until a connection without streams is closed */
  readonly idle: number
  /** Milliseconds between two streams of an end */
  readonly pause: number
  /** Milliseconds in which every second stream uses an arbitrary connection, as an application with a stored connection does */
  readonly straysFor: number
}

/** A dialer with its own pipeline, which closes idle connections soon */
export const CONFIGURED: ConvergingDialer = {
  pipeline: pipeline(fromCaller(), dialable(), gater(), UNHURRIED, converge()),
  init: { clock: fastClock(FACTOR), convergence: { idle: 100 } },
  factor: FACTOR,
  idle: 100 / FACTOR,
  pause: 5,
  straysFor: Infinity
}

/** `dialer(adaptive())` */
export const UNCONFIGURED: ConvergingDialer = { pipeline: adaptive(), init: {}, factor: 1, idle: IDLE, pause: 100, straysFor: 1_000 }
