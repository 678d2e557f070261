import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** What Prisma wants to know of a generator. */
export interface GeneratorManifest {
  readonly prettyName: string
  /** Relative to the schema. */
  readonly defaultOutput: string
}

export interface PrismaGenerator {
  readonly manifest: GeneratorManifest
  /** `params` as Prisma sends them, unchecked. */
  readonly generate: (params: unknown) => Promise<void>
}

interface GeneratorRequest {
  readonly id: unknown
  readonly method: string
  readonly params?: unknown
}

/**
 * Answers Prisma's requests: JSON-RPC 2.0, one message a line, answers on stderr (@prisma/generator-helper 7.10). The two
 * methods are all there is, so that the package, which every project would have to install, is not needed.
 */
export function answerPrisma(input: Readable, output: Writable, generator: PrismaGenerator): void {
  createInterface({ input, crlfDelay: Infinity }).on('line', (line) => {
    // Prisma writes nothing else to the program it started.
    const request = JSON.parse(line) as GeneratorRequest
    void answer(request, generator).then((outcome) => {
      output.write(`${JSON.stringify({ jsonrpc: '2.0', id: request.id, ...outcome })}\n`)
    })
  })
}

async function answer({ method, params }: GeneratorRequest, generator: PrismaGenerator): Promise<object> {
  try {
    if (method === 'getManifest') return { result: { manifest: generator.manifest } }
    if (method === 'generate') {
      await generator.generate(params)
      return { result: null }
    }
    return { error: { code: -32_601, message: `sherd-prisma does not know the method ${method}.` } }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    // Prisma prints the stack where there is one; the message says all that its reader needs.
    return { error: { code: -32_000, message, data: { stack: message } } }
  }
}
