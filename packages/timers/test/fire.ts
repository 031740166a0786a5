import { openStages } from '../src/stages.fixture.ts';

/** A process that fires what is due in the folder and says so, line by line, until it is killed. */
const stages = await openStages(process.argv[2] ?? '');
const lapse: (typeof stages.handlers)['lapse'] = async (firing) => {
  await stages.handlers.lapse(firing);
  process.stdout.write('fired\n');
};
stages.start({ clock: undefined, handlers: { ...stages.handlers, lapse } });
