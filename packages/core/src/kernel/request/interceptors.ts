import { isRecord } from '../../kit/arguments.js';
import { sdkError } from '../errors.js';
import type { Interceptor, Phase, PipelineRequest } from '../host.js';

export type Send = (request: PipelineRequest) => Promise<Response>;

/** Steps that plugins added, in order of phase, then of coming. */
export interface Interceptors {
  readonly add: (interceptor: Interceptor) => () => void;
  /** `last` with the once-per-call steps around it. */
  aroundCall(last: Send): Send;
  /** `last` with the once-per-attempt steps around it. */
  aroundAttempt(last: Send): Send;
}

const phases: readonly Phase[] = ['prepare', 'authorise', 'send', 'check'];

export function createInterceptors(): Interceptors {
  const all = new Set<Interceptor>();
  let perCall: readonly Interceptor[] = [];
  let perAttempt: readonly Interceptor[] = [];
  const sort = (): void => {
    const order = [...all].sort((a, b) => phases.indexOf(a.phase) - phases.indexOf(b.phase));
    perCall = order.filter(({ phase }) => phase === 'prepare');
    perAttempt = order.filter(({ phase }) => phase !== 'prepare');
  };
  const around = (steps: readonly Interceptor[], last: Send): Send =>
    steps.length === 0
      ? last
      : steps.reduceRight<Send>((next, step) => (request) => step.run(request, next), last);
  return {
    add: (interceptor) => {
      const { name, phase, run } = (isRecord(interceptor) ? interceptor : {}) as Record<string, unknown>;
      if (typeof name !== 'string' || !phases.includes(phase as Phase) || typeof run !== 'function')
        throw sdkError(
          'ERR_ARGUMENT',
          `interceptor${typeof name === 'string' ? ` '${name}'` : ''}: expected { name, phase, run } with a function \`run\` and a phase of ${phases.join(', ')}`,
        );
      const own = {
        name: interceptor.name,
        phase: interceptor.phase,
        run: interceptor.run.bind(interceptor),
      };
      all.add(own);
      sort();
      return () => {
        if (all.delete(own)) sort();
      };
    },
    aroundCall: (last) => around(perCall, last),
    aroundAttempt: (last) => around(perAttempt, last),
  };
}
