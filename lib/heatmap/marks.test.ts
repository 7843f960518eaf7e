import { describe, expect, it } from 'vitest';
import { MARK_TEXT_MAX, MARKS_MAX, readMarks } from './marks.ts';

describe('levels and notes', () => {
  it('come back as they were kept', () => {
    const marks = [
      { kind: 'level', id: 'a', price: 2_594_000, text: 'open' },
      { kind: 'note', id: 'b', price: 2_594_010, timeUs: 1_795_475_977_152_000, text: 'pulled here' },
    ];
    expect(readMarks(JSON.parse(JSON.stringify(marks)))).toEqual(marks);
  });

  it('are left out where they are none', () => {
    expect(readMarks('level')).toEqual([]);
    const broken = [
      null,
      7,
      { kind: 'level', id: 'a', price: '1', text: '' },
      { kind: 'note', id: 'b', price: 1, text: '' },
    ];
    expect(readMarks(broken)).toEqual([]);
  });

  it('are bounded in number and length', () => {
    const many = Array.from({ length: MARKS_MAX + 5 }, (_, i) => ({
      kind: 'level',
      id: String(i),
      price: i,
      text: 'x'.repeat(500),
    }));
    const read = readMarks(many);
    expect(read).toHaveLength(MARKS_MAX);
    expect(read.at(-1)).toMatchObject({ price: MARKS_MAX + 4, text: 'x'.repeat(MARK_TEXT_MAX) });
  });
});
