import type { ReadView } from '@dutyledger/read-store/read-store';
import { ancestors, children, division } from '@dutyledger/reference-data/divisions';
import { policyInForce } from '../class-policy/policy.ts';
import { type ClassRow, classChanges, classSettings } from '../class-policy/rows.ts';
import { Fault } from './faults.ts';
import type { Jurisdiction } from './settings.ts';
import { dateTime, type Value } from './wire.ts';

/** Services of a jurisdiction: the classes of cases that are in force there (G-8). */

const PAGE = 1_000;
/** Far more than any catalogue has; a list that long is of no use to anybody. */
const MOST = 5_000;

/** The attribute that says in which town it is, for those who have an address and no point. */
export const TOWN = 'division';

const isPattern = ({ caseClass }: ClassRow): boolean => caseClass.endsWith('*');

/** By code, the nearest setting of each, in the order of the codes. `on`: the day in China. */
async function classesOf(view: ReadView, { division: place }: Jurisdiction, on: string): Promise<ClassRow[]> {
  const nearest = new Map<string, ClassRow>();
  for (const at of [place, ...ancestors(place)]) {
    for (let after: string | undefined; nearest.size < MOST; ) {
      const page = await view.temporal(classSettings).find({
        index: 'byClass',
        where: { division: at },
        filter: (row) => !isPattern(row),
        asOf: { effectiveAt: on },
        limit: PAGE,
        ...(after !== undefined && { after }),
      });
      for (const { doc } of page.rows) if (!nearest.has(doc.caseClass)) nearest.set(doc.caseClass, doc);
      after = page.rows.at(-1)?.cursor;
      if (!page.more) break;
    }
  }
  return [...nearest.values()].sort((a, b) => (a.caseClass < b.caseClass ? -1 : 1));
}

export async function serviceList(view: ReadView, jurisdiction: Jurisdiction, on: string): Promise<Value> {
  const classes = await classesOf(view, jurisdiction, on);
  const metadata = attributesOf(jurisdiction).length > 0;
  return classes.map(({ caseClass, name, category, filingCondition }) => ({
    service_code: caseClass,
    service_name: name,
    description: filingCondition ?? name,
    metadata,
    type: 'realtime',
    keywords: category ?? '',
    group: category ?? '',
  }));
}

/** The class as it is called there. Throws a Fault, 404, for what is no service. */
export async function serviceNamed(
  view: ReadView,
  { division: place }: Jurisdiction,
  code: string,
  on: string,
): Promise<string> {
  const { own } = await policyInForce(view, { division: place, caseClass: code, at: on });
  if (own && !isPattern(own.doc)) return own.doc.name;
  throw new Fault(404, 'service_code was not found.', '没有这个 service_code。');
}

/** Reports lie in a town: a county asks for it, and takes it as answered by a point that lies in a grid. */
const attributesOf = ({ division: place }: Jurisdiction): Value[] => {
  if (division(place)?.level !== 'county') return [];
  return [
    {
      variable: true,
      code: TOWN,
      datatype: 'singlevaluelist',
      required: false,
      datatype_description: '仅凭地址上报时请选择镇街 · Needed where there is an address and no point',
      order: 1,
      description: '所在镇街 · Town or street',
      values: children(place).map(({ code, name }) => ({ key: code, name: name ?? code })),
    },
  ];
};

export async function serviceDefinition(
  view: ReadView,
  jurisdiction: Jurisdiction,
  code: string,
  on: string,
): Promise<Value> {
  await serviceNamed(view, jurisdiction, code, on);
  return { service_code: code, attributes: attributesOf(jurisdiction) };
}

/** When any of the catalogues last changed, for those who keep them. */
export async function changeset(view: ReadView, jurisdictions: readonly Jurisdiction[]): Promise<string> {
  const places = new Set(jurisdictions.flatMap(({ division: place }) => ancestors(place, { self: true })));
  const last = await Promise.all(
    [...places].map(async (place) => {
      const query = { index: 'byDivision' as const, where: { division: place }, reverse: true, limit: 1 };
      const { rows } = await view.documents(classChanges).find(query);
      return rows[0]?.doc.provenance.recordedAt ?? NEVER;
    }),
  );
  return dateTime(last.reduce((a, b) => (a > b ? a : b), NEVER));
}

const NEVER = '1970-01-01T00:00:00.000Z';
