export { withDialSource } from '../pipeline/dial-source.ts'
