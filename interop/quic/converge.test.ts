import { quic } from '@chainsafe/libp2p-quic'
import { tcp } from '@libp2p/tcp'
import { relayTransfer } from '../../test/convergence/relay-transfer.ts'
import { QUIC } from './kit.ts'

const transports = [quic(), tcp()]

relayTransfer({ name: 'QUIC, a relay without limits', listen: QUIC, transports, applyDefaultLimit: false, size: 50 * 1024 * 1024 })
relayTransfer({ name: 'QUIC, a limited relay', listen: QUIC, transports, applyDefaultLimit: true, size: 64 * 1024 })
