import { setTimeout as sleep } from 'node:timers/promises'
import test from 'ava'
import { staggered } from '../../presets/index.ts'
import { dialer } from '../../src/index.ts'
import { listening } from '../libp2p/kit.ts'
import type { NodeOptions } from '../helpers/node.ts'
import type { Clock, DialPipeline } from '../../src/index.ts'
import type { Libp2p } from '@libp2p/interface'
import type { ExecutionContext } from 'ava'

export interface SubjectOptions extends Omit<NodeOptions<Record<string, any>>, 'services'> {
  services?: Record<string, (components: any) => unknown>
  /** The pipeline, for the subject that has one. Default: `staggered()` */
  pipeline?: DialPipeline
  /** The clock, for the subject that has one. Default: the system's */
  clock?: Clock
}

/** One of the two dialers, in a node that is otherwise the same */
export interface Subject {
  readonly name: 'stock' | 'ours'

  /** Selects the expectation where the dialers differ. The title of such a test says what the stock dialer does */
  either<const S, const O> (expected: { stock: S, ours: O }): S | O

  /** Creates a node for this test. It does not listen */
  node (options?: SubjectOptions): Promise<Libp2p>
}

export type ContractTest = (t: ExecutionContext, subject: Subject) => Promise<void>

/**
 * Declares a test of the contract, for the dialer of this package or for the stock dialer of an unmodified node (`npm run test:stock`). If the stock
 * dialer has a defect, the test expects the defect there. The control run thereby shows that the test can fail.
 */
export function contract (title: string, body: ContractTest): void {
  for (const name of subjects()) {
    test(`${name}: ${title}`, async t => {
      let differs = false

      await body(t, {
        name,
        either: expected => {
          differs = true

          return expected[name]
        },
        node: async ({ pipeline = staggered(), clock, services, ...rest } = {}) => listening(t, {
          listen: [],
          ...rest,
          services: name === 'ours' ? { dialer: dialer(pipeline, { clock }), ...services } : services
        } as NodeOptions<Record<string, any>>)
      })

      t.is(title.includes('(stock: '), differs, 'the title says where the two differ')
    })
  }
}

/** Returns the dialers to test. test/support/run.ts sets the variable */
function subjects (): ReadonlyArray<Subject['name']> {
  const { TEST_DIALER: which = 'ours' } = process.env

  switch (which) {
    case 'ours': case 'stock': return [which]
    case 'both': return ['stock', 'ours']
    default: throw new Error(`Cannot test the dialer "${which}": TEST_DIALER is ours, stock or both`)
  }
}

/** Returns the reason of a rejection, which need not be an Error */
export async function rejection (promise: Promise<unknown>): Promise<any> {
  return promise.then(() => { throw new Error('It was not rejected') }, error => error)
}

/** Milliseconds, longer than every timeout that the tests set */
export const LONG = 400

/** Returns whether a promise is still pending after a long wait */
export async function isPending (promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([promise.then(() => false, () => false), sleep(LONG, true)])
}
