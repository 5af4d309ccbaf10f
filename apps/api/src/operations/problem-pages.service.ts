import { Injectable } from '@nestjs/common';
import { findProblem, type Problem, problemCatalogue } from '@app/problem';
import { Html } from '@app/rest';
import type { ProblemListDto, ProblemPageDto } from './dto/problem-page.dto.js';
import { ProblemNotFoundError } from './problem-page.errors.js';

/** The catalogue of problems for programs and for people. */
@Injectable()
export class ProblemPagesService {
  list(type: string): ProblemListDto | Html {
    const data = problemCatalogue();
    return type === 'text/html' ? page('Problems', data.map((problem) => entry(problem)).join('\n')) : { data };
  }

  /** @throws ProblemNotFoundError 404 */
  read(code: string, type: string): ProblemPageDto | Html {
    const problem = findProblem(code);
    if (!problem) throw new ProblemNotFoundError();
    return type === 'text/html' ? page(problem.title, entry(problem)) : problem;
  }
}

function entry({ code, status, title, description }: Problem): string {
  const text = escaped(description).replace(/`([^`]+)`/g, '<code>$1</code>');
  return `<article><h2><a href="/problems/${code}">${escaped(title)}</a></h2><p><code>${code}</code> · ${status}</p><p>${text}</p></article>`;
}

/** Some texts show a header with its `<placeholder>`. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function page(title: string, content: string): Html {
  return new Html(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)} – Plinth</title></head>
<body><main><h1>${escaped(title)}</h1>
${content}
</main></body>
</html>
`);
}
