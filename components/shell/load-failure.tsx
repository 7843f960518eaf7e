import { asProblem } from '../../lib/client/problem.ts';
import { SignInLink } from './sign-in-link.tsx';

interface Props {
  /** What could not be had: `The instruments`. */
  readonly what: string;
  readonly error: unknown;
  onRetry(): void;
}

/** Says that something could not be loaded, and offers the way out. */
export function LoadFailure({ what, error, onRetry }: Props) {
  const { detail, signedOut } = asProblem(error);
  return (
    <div role="alert" className="mt-3 flex items-center gap-3 rounded border border-down px-3 py-2">
      {signedOut ? (
        <span>
          You are signed out. <SignInLink />
        </span>
      ) : (
        <>
          <span>
            {what} could not be loaded: {detail}
          </span>
          <button type="button" onClick={onRetry} className="rounded border border-edge px-2 hover:bg-hover">
            Try again
          </button>
        </>
      )}
    </div>
  );
}
