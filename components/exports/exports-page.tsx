'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { send } from '../../lib/client/api.ts';
import { asProblem } from '../../lib/client/problem.ts';
import { Answer } from '../shell/answer.tsx';
import { Outcome, Panel } from '../shell/form-parts.tsx';
import { useMe } from '../shell/use-me.ts';
import { ExportForm } from './export-form.tsx';
import { ExportItem } from './export-item.tsx';
import { EXPORTS_KEY, useExports } from './use-exports.ts';

/** Exports: the way to ask for one, and what became of each. */
export function ExportsPage() {
  const client = useQueryClient();
  const query = useExports();
  const role = useMe()?.role;
  const [said, setSaid] = useState<{ readonly fault: string | null; readonly done: string | null }>({
    fault: null,
    done: null,
  });
  const act = useMutation({
    mutationFn: ({ path, method, id }: Action) => send(method, path, { id }),
    onSuccess: (_answer, { done }) => setSaid({ fault: null, done }),
    onError: (error) => setSaid({ fault: asProblem(error).detail, done: null }),
    onSettled: () => client.invalidateQueries({ queryKey: EXPORTS_KEY }),
  });
  return (
    <>
      <Panel title="New export">
        {role === 'viewer' ? (
          <p className="text-muted">
            You are a viewer: owners alone begin exports. You can download those that are done.
          </p>
        ) : (
          <ExportForm onBegun={() => void client.invalidateQueries({ queryKey: EXPORTS_KEY })} />
        )}
      </Panel>
      <Panel title="Exports">
        <Answer query={query} what="the exports">
          {({ exports, keepDays }) => (
            <>
              <p className="mb-2 text-muted">
                {keepDays === 0
                  ? 'Files stay until somebody deletes them.'
                  : `Files are deleted ${keepDays} days after they were made.`}
              </p>
              <Outcome {...said} />
              {exports.length === 0 ? (
                <p className="py-4 text-muted">Nothing has been exported yet.</p>
              ) : (
                <ul className="divide-y divide-line border-t border-line">
                  {exports.map((one) => (
                    <ExportItem
                      key={one.id}
                      item={one}
                      mayChange={role === 'owner' && !act.isPending}
                      onCancel={() =>
                        act.mutate({ method: 'POST', path: '/api/exports/cancel', id: one.id, done: 'Cancelled.' })
                      }
                      onDelete={() =>
                        act.mutate({ method: 'DELETE', path: '/api/exports', id: one.id, done: 'Deleted.' })
                      }
                    />
                  ))}
                </ul>
              )}
            </>
          )}
        </Answer>
      </Panel>
    </>
  );
}

interface Action {
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
  readonly id: number;
  /** What is said when it is done. */
  readonly done: string;
}
