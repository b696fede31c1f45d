import { expect, test } from 'vitest'
import type { Field, Source } from './field.ts'
import { t } from './t.ts'

const read = (field: Field, raw: unknown, source: Source = 'json'): unknown => {
  const decoded = field.decode(raw, source, 'Title')
  return decoded.ok ? decoded.value : decoded.message
}

test('a line keeps what was typed, and is trimmed in forms alone', () => {
  expect(read(t.text(), ' Ü "a" ')).toBe(' Ü "a" ')
  expect(read(t.text(), ' a ', 'form')).toBe('a')
  expect(read(t.text(), 'a\nb')).toBe('Title must be one line of text.')
  expect(read(t.text(), 'a\u2028b')).toBe('Title must be one line of text.')
  expect(read(t.text(), ['a'])).toBe('Title must be one line of text.')
  expect(read(t.text(), {}, 'json')).toBe('Title must be one line of text.')
  expect(read(t.text({ optional: true }), {})).toBe('Title must be one line of text.')
})

test('nothing is not enough for required text, and null for optional text', () => {
  for (const raw of ['', '  ', null]) {
    expect(read(t.text(), raw)).toBe('Title is required.')
    expect(read(t.text({ optional: true }), raw)).toBeNull()
  }
  expect(read(t.text({ default: 'Untitled' }), '')).toBe('Untitled')
  expect(read(t.longText(), '', 'form')).toBe('')
  expect(read(t.longText({ min: 1 }), '')).toBe('Title is required.')
})

test('lengths are bounded, also where nothing is said', () => {
  expect(read(t.text({ min: 3, max: 4 }), 'ab')).toBe('Title is too short: 2 characters, at least 3.')
  expect(read(t.text({ min: 3, max: 4 }), 'abcd')).toBe('abcd')
  expect(read(t.text(), 'x'.repeat(1_001))).toBe('Title is too long: 1001 characters, at most 1000.')
  expect(read(t.longText(), 'x'.repeat(100_001))).toContain('too long')
  expect(read(t.url(), `https://a.example/${'x'.repeat(2_000)}`)).toContain('too long')
})

test('line ends become \\n', () => {
  expect(read(t.longText(), 'a\r\nb\rc\n')).toBe('a\nb\nc\n')
})

test.each([
  'javascript:alert(1)',
  'ftp://a.example',
  'https:a',
  'http://',
  'http://a b',
  'example.org',
  'https://[::1',
])('%s is no web address', (raw) =>
  expect(read(t.url(), raw)).toBe('Title must be a web address like https://example.org.'),
)

test('web and email addresses stay as typed', () => {
  expect(read(t.url(), ' https://example.org/a?b=ü#c ', 'form')).toBe('https://example.org/a?b=ü#c')
  expect(read(t.url(), 'HTTP://127.0.0.1:80/')).toBe('HTTP://127.0.0.1:80/')
  expect(read(t.email(), 'ann+x@mail.example.org')).toBe('ann+x@mail.example.org')
})

test.each([
  'ann',
  'ann@',
  '@example.org',
  'a b@example.org',
  'ann@example',
  'ann@example.org.',
  'a@b@c.de',
  `a@${'b.'.repeat(40)}`,
])('%s is no email address', (raw) =>
  expect(read(t.email(), raw)).toBe('Title must be an email address like ann@example.org.'),
)

test('controls carry their attributes and escape what they show', () => {
  const attributes = { id: 'f-title', name: 'title', 'aria-describedby': 'f-help', 'aria-invalid': 'true' }
  expect(String(t.text({ max: 9 }).control(attributes, '"<b>'))).toBe(
    '<input id="f-title" name="title" aria-describedby="f-help" aria-invalid="true" required maxlength="9" type="text" value="&quot;&lt;b&gt;">',
  )
  expect(String(t.text({ optional: true }).control({ id: 'a', name: 'a' }, null))).toBe(
    '<input id="a" name="a" maxlength="1000" type="text" value="">',
  )
  expect(String(t.text().control({ id: 'a', name: 'a', required: false }, undefined))).not.toContain(
    'required',
  )
  expect(String(t.markdown().control({ id: 'a', name: 'a' }, '\n</textarea>'))).toBe(
    '<textarea id="a" name="a" maxlength="100000" rows="4">\n\n&lt;/textarea&gt;</textarea>',
  )
  expect(String(t.url().control({ id: 'a', name: 'a' }, ''))).toContain('type="url"')
  expect(String(t.email().control({ id: 'a', name: 'a', autofocus: true }, ''))).toMatch(
    /autofocus.*type="email"/,
  )
})

test('cells shorten and link', () => {
  expect(t.text().cell('<b>')).toBe('<b>')
  expect(t.text({ optional: true }).cell(null)).toBe('')
  expect(t.longText().cell('\nfirst\nsecond')).toBe('first…')
  expect(t.markdown().cell('é'.repeat(81))).toBe(`${'é'.repeat(80)}…`)
  expect(t.longText().cell('🙂'.repeat(80))).toBe('🙂'.repeat(80))
  expect(String(t.url().cell('https://a.example/?a&b'))).toBe(
    '<a href="https://a.example/?a&amp;b" rel="noreferrer">https://a.example/?a&amp;b</a>',
  )
  expect(String(t.email().cell('a?cc=x@b.example'))).toContain('href="mailto:a%3Fcc%3Dx@b.example"')
})
