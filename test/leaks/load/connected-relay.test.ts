import { loads } from '../loads.ts'

loads('relay', { isRelayed: true })
