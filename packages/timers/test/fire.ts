import { openStages } from '../src/stages.fixture.ts';

/** A process that fires what is due in the folder, and stands still when it has done so many: then it is to be killed. */
const [folder = '', most = '1'] = process.argv.slice(2);
const stages = await openStages(folder);
let fired = 0;
const lapse: (typeof stages.handlers)['lapse'] = async (firing) => {
  await stages.handlers.lapse(firing);
  fired += 1;
  if (fired < Number(most)) return;
  process.stdout.write('so many\n');
  await new Promise(() => undefined);
};
stages.start({ clock: undefined, handlers: { ...stages.handlers, lapse } });
