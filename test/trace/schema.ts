import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'

const schema = JSON.parse(readFileSync(new URL('../../docs/trace.schema.json', import.meta.url), 'utf8'))

const isValid = new Ajv2020({ allErrors: true }).compile(schema)

/** Returns the errors of a trace according to the schema in the documentation */
export function faultsOf (trace: unknown): string[] {
  return isValid(JSON.parse(JSON.stringify(trace))) ? [] : (isValid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}
