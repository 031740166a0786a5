/**
 * Words of the field that mean the same to those who ask. An item's own keywords come first: what holds for one county
 * alone is entered there. Each group is symmetric; a word that only sometimes means another has no place here.
 */
const GROUPS: readonly (readonly string[])[] = [
  ['秸秆焚烧', '秸秆禁烧', '焚烧秸秆', '露天焚烧秸秆'],
  ['违法建设', '违法建筑', '违章建筑', '违建', '私搭乱建'],
  ['店外经营', '出店经营'],
  ['建筑垃圾', '渣土'],
  ['养犬', '犬只', '养狗'],
  ['烟花爆竹', '鞭炮'],
  ['环境卫生', '环卫'],
  ['城市管理', '城管'],
  ['计划生育', '计生'],
  ['最低生活保障', '低保'],
  ['特困人员', '五保'],
  ['危险化学品', '危化品'],
  ['房屋征收', '拆迁'],
  ['农村危房', '危房改造'],
  ['城乡居民基本医疗保险', '居民医保', '新农合'],
  ['信访', '上访'],
  ['物业管理', '物业'],
  ['动物防疫', '动物疫病'],
  ['宅基地', '农民建房', '农村自建房'],
  ['黑臭水体', '臭水沟'],
  ['噪声', '噪音'],
];

const MOST = 6;

/** The word in other words, itself left out; at most six. */
export function synonymsOf(word: string): string[] {
  const found = new Set<string>();
  for (const group of GROUPS) {
    // The longest member that the word holds: 违法建筑 is not read as another word with 违建 in it.
    const held = group.filter((member) => word.includes(member)).sort((a, b) => b.length - a.length)[0];
    if (held === undefined) continue;
    for (const other of group) if (other !== held) found.add(word.replace(held, other));
  }
  return [...found].slice(0, MOST);
}
