import { refusing } from './refusal.ts'
import { SERVICE_FUNCTIONS } from './service-options.ts'
import { STAGE_FUNCTIONS } from './stage-options.ts'
import { TESTING_FUNCTIONS } from './testing-options.ts'
import type { CheckedFunction } from './refusal.ts'

const services = Object.entries(SERVICE_FUNCTIONS).map(([name, checked]): [string, CheckedFunction] => [name, { ...checked, error: refusing }])

/** Public factories and methods with options, and with values for each. each-factory.test.ts fails when one is missing */
export const CHECKED_FUNCTIONS: Readonly<Record<string, CheckedFunction>> = { ...STAGE_FUNCTIONS, ...TESTING_FUNCTIONS, ...Object.fromEntries(services) }
