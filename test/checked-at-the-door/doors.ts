import { refusing } from './refusal.ts'
import { SERVICE_DOORS } from './service-options.ts'
import { STAGE_DOORS } from './stage-options.ts'
import { TESTING_DOORS } from './testing-options.ts'
import type { Door } from './refusal.ts'

const services = Object.entries(SERVICE_DOORS).map(([name, door]): [string, Door] => [name, { ...door, error: refusing }])

/** Public factories and methods with options, and with values for each. each-factory.test.ts fails when one is missing */
export const DOORS: Readonly<Record<string, Door>> = { ...STAGE_DOORS, ...TESTING_DOORS, ...Object.fromEntries(services) }
