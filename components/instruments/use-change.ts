'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { asProblem } from '../../lib/client/problem.ts';

/** Does something to the watchlists, then asks for them again. `failure` says in words why the last attempt came to nothing. */
export function useChange<Input>(act: (input: Input) => Promise<unknown>) {
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: act,
    onSettled: () => client.invalidateQueries({ queryKey: ['watchlists'] }),
  });
  return {
    change: mutation.mutate,
    busy: mutation.isPending,
    failure: mutation.error ? asProblem(mutation.error).detail : null,
  };
}
