/** The minimum of the default of `few` */
const LEAST = 20

/** Returns the number of random cases, simulated networks or rounds of a test: `all` in `npm run test:all`, `few` in `npm test` */
export function dose (all: number, few = Math.min(all, Math.max(LEAST, Math.ceil(all / 10)))): number {
  return process.env['TEST_DOSE'] === 'all' ? all : few
}
