import type { ReadView } from '@dutyledger/read-store/read-store';
import { division, isWithin } from '@dutyledger/reference-data/divisions';
import { countyOf } from '../case/rows.ts';
import { locate } from '../grid-network/locate.ts';
import { Fault } from './faults.ts';
import type { Parameters } from './parameters.ts';
import { TOWN } from './services.ts';
import type { Jurisdiction } from './settings.ts';

/** Where a request lies: a point, the code of a grid (`address_id`) or an address, and the town that follows from it. */
export interface RequestPlace {
  division: string;
  place: { lon: number; lat: number } | null;
  gridCode: string | null;
  address: string | null;
}

/** Longest address. */
const ADDRESS = 200;

const attribute = (code: string): string => `attribute[${code}]`;

function pointOf(parameters: Parameters): RequestPlace['place'] {
  const [lat, lon] = [parameters.degrees('lat', 90), parameters.degrees('long', 180)];
  if (lat === undefined && lon === undefined) return null;
  if (lat === undefined || lon === undefined) {
    throw new Fault(400, 'lat and long are given together.', 'lat 与 long 应同时提供。');
  }
  // What devices say that do not know where they are.
  if (lat === 0 && lon === 0) {
    throw new Fault(
      400,
      'lat and long are both 0: that is no place here.',
      'lat 与 long 均为 0，不是有效位置。',
    );
  }
  return { lon, lat };
}

function townChosen(parameters: Parameters, jurisdiction: Jurisdiction): string | undefined {
  for (const name of parameters.names()) {
    if (name.startsWith('attribute[') && name !== attribute(TOWN)) {
      throw new Fault(400, 'The service has no such attribute.', '该服务没有这个属性（attribute）。');
    }
  }
  const town = parameters.one(attribute(TOWN));
  if (town === undefined) return undefined;
  const level = division(town)?.level;
  if ((level === 'town' || level === 'village') && isWithin(town, jurisdiction.division)) return town;
  throw new Fault(
    400,
    `${attribute(TOWN)} is the code of a town of the jurisdiction.`,
    `${attribute(TOWN)} 应为本辖区镇街的区划代码。`,
  );
}

/** The town by itself: the jurisdiction's own, or the one that takes what cannot be placed. */
const townOtherwise = ({ division: own, town }: Jurisdiction): string | undefined =>
  division(own)?.level === 'county' ? town : own;

/** `on`: the day in China. Throws a Fault, 400, for no place, a wrong one, and one that is not in the jurisdiction. */
export async function placeOf(
  view: ReadView,
  parameters: Parameters,
  jurisdiction: Jurisdiction,
  on: string,
): Promise<RequestPlace> {
  const place = pointOf(parameters);
  const gridCode = parameters.one('address_id') ?? null;
  const address = parameters.one('address_string') ?? null;
  const chosen = townChosen(parameters, jurisdiction);
  if (!place && !gridCode && !address) {
    throw new Fault(
      400,
      'A location was not provided: lat and long, or address_string, or address_id.',
      '缺少位置：请提供 lat 和 long，或 address_string，或 address_id。',
    );
  }
  if (address && address.length > ADDRESS) {
    throw new Fault(
      400,
      `address_string may have at most ${ADDRESS} characters.`,
      `address_string 最多 ${ADDRESS} 字。`,
    );
  }
  const where = place ?? (gridCode ? { gridCode } : undefined);
  const grid = where && (await locate(view, where, { county: countyOf(jurisdiction.division), on }));
  if (gridCode && !place && !grid) {
    throw new Fault(400, 'address_id is no code of a grid here.', 'address_id 不是本辖区的网格编码。');
  }
  if (grid && !isWithin(grid.division, jurisdiction.division)) {
    throw new Fault(400, 'The location is outside of the jurisdiction.', '位置不在本辖区内。');
  }
  const town = chosen ?? grid?.division ?? townOtherwise(jurisdiction);
  if (town) return { division: town, place, gridCode, address };
  throw new Fault(
    400,
    `The location lies in no known grid: choose the town in ${attribute(TOWN)}.`,
    `位置不在已知网格内：请在 ${attribute(TOWN)} 中选择镇街。`,
  );
}
