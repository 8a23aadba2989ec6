import test from 'ava'
import { chromiumPath } from './chromium.ts'
import type { ExecutionContext } from 'ava'

type Body = (t: ExecutionContext) => Promise<void>

/** Declares a test that needs a Chromium. Without one it fails in `npm run test:all`, and is skipped in `npm test` */
export const browserTest = chromiumPath == null && process.env['TEST_DOSE'] !== 'all'
  ? (title: string, body: Body) => { test.serial.skip(`${title} (skipped: there is no Chromium)`, body) }
  : (title: string, body: Body) => { test.serial(title, body) }
