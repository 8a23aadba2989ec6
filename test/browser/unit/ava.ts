// Replaces ava in a browser: collects the tests that a file declares, and runs them one after another
import { Assertions } from './assertions.ts'

type Body = (t: Assertions) => unknown

/** The result of one test */
export interface Outcome {
  readonly title: string
  /** Undefined: the test passed */
  readonly error?: string
}

let declared: Array<{ readonly title: string, readonly body: Body }> = []

function test (title: string, body: Body): void {
  declared.push({ title, body })
}

/** Runs the tests that were declared since the last call */
export async function runDeclared (): Promise<Outcome[]> {
  const tests = declared
  const outcomes: Outcome[] = []
  declared = []

  for (const { title, body } of tests) {
    outcomes.push({ title, error: await errorOf(body) })
  }

  return outcomes
}

async function errorOf (body: Body): Promise<string | undefined> {
  const t = new Assertions()

  try {
    await body(t)
    t.checkCount()
  } catch (err: any) {
    return String(err?.stack ?? err)
  } finally {
    await t.tearDown()
  }
}

// oxlint-disable-next-line import/no-default-export -- so does ava
export default Object.assign(test, { serial: test })
