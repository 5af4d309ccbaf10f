import { Injectable } from '@nestjs/common';
import { findProblem, type Problem, problemCatalogue } from '@app/problem';
import type { Html } from '@app/rest';
import type { ProblemListDto, ProblemPageDto } from './dto/problem-page.dto.js';
import { html, type Markup } from './pages/markup.js';
import { page } from './pages/page.js';
import { ProblemNotFoundError } from './problem-page.errors.js';

/** The catalogue of problems for programs and for people. */
@Injectable()
export class ProblemPagesService {
  list(type: string): ProblemListDto | Html {
    const data = problemCatalogue();
    return type === 'text/html' ? problemsPage('Problems', data) : { data };
  }

  /** @throws ProblemNotFoundError 404 */
  read(code: string, type: string): ProblemPageDto | Html {
    const problem = findProblem(code);
    if (!problem) throw new ProblemNotFoundError();
    return type === 'text/html' ? problemsPage(problem.title, [problem]) : problem;
  }
}

function entry({ code, status, title, description }: Problem): Markup {
  return html`<article>
    <h2><a href="/problems/${code}">${title}</a></h2>
    <p><code>${code}</code> · ${status}</p>
    <p>${withCode(description)}</p>
  </article>`;
}

/** What stands between backticks is code. */
function withCode(text: string): readonly Markup[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

function problemsPage(title: string, problems: readonly Problem[]): Html {
  const main = html`<h1>${title}</h1>
    <div class="problems">${problems.map(entry)}</div>`;
  return page({ title, stylesheet: '/problems.css', main });
}
