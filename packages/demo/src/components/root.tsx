import { AppContext } from '../session/app-context.js';
import { session } from '../session/session.js';
import { Failed } from './failed.js';
import { Messenger } from './messenger.js';
import { Starting } from './skeletons.js';
import { SignIn } from './sign-in.js';
import { Toasts } from './toasts.js';

export function Root() {
  return (
    <>
      <Page />
      <Toasts />
    </>
  );
}

function Page() {
  const now = session.value;
  switch (now.kind) {
    case 'starting':
      return <Starting />;
    case 'failed':
      return <Failed error={now.error} />;
    case 'signed-out':
      return <SignIn config={now.config} leaving={now.leaving === true} />;
    case 'signed-in':
      return (
        <AppContext.Provider value={now.app}>
          <Messenger />
        </AppContext.Provider>
      );
  }
}
