import test from 'ava'
import { chromiumPath } from './chromium.ts'

/** Declares a test that needs a Chromium. Without one it fails in `npm run test:all`, and is skipped in `npm test` */
export const browserTest = chromiumPath == null && process.env['TEST_DOSE'] !== 'all' ? test.serial.skip : test.serial
